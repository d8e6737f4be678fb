import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

export const withoutOpenssl =
  spawnSync('openssl', ['version']).error !== undefined && 'there is no openssl to make certificates';

/** Two authorities, a server's certificate for `localhost`, and a client's for `certified`. */
export async function makeCertificates(directory: string): Promise<void> {
  const script = `set -e
new='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
for ca in ca other; do openssl req -x509 $new -keyout $ca.key -out $ca.crt -subj /CN=$ca -days 2; done
sign() {
  openssl req $new -keyout $1.key -out $1.csr -subj /CN=$2
  printf 'subjectAltName=DNS:%s' $2 >$1.ext
  openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile $1.ext -out $1.crt -days 2
  chmod 600 $1.key
}
sign server localhost
sign client certified`;
  await promisify(execFile)('sh', ['-c', script], { cwd: directory });
}

import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { UserError } from '../../errors.js';
import type { SupabaseProject } from '../../supabase/project.js';
import type { Io } from '../run.js';

interface ManifestsFlags {
  readonly file: string;
  readonly image?: string;
  readonly extra?: string;
  readonly jwtSecretInDatabase?: boolean;
}

/** `slipway supabase manifests`. */
export function manifestsCommand(io: Io): Command {
  return new Command('manifests')
    .description('print the ConfigMap and the Job that initialize the database of a project, for kubectl apply')
    .requiredOption('-f, --file <file>', 'a SupabaseProject, in YAML or JSON; - is standard input')
    .option('--image <image>', 'image with psql, instead of postgres:15-alpine', checkedImage)
    .option('--extra <directory>', 'scripts (*.sql) that run after the seven, in the order of their names')
    .option('--jwt-secret-in-database', 'put the JWT secret into a setting that every role of the database can read')
    .action(async ({ file, image, extra, jwtSecretInDatabase = false }: ManifestsFlags) => {
      const { manifestsOf } = await import('../../supabase/manifests/manifests.js');
      const { stringify } = await import('yaml');
      const options = { extra, image, storesJwtSecret: jwtSecretInDatabase };
      for (const manifest of await manifestsOf(await projectOf(file), options)) {
        // kubectl reads YAML 1.1, in which a bare `on` is true
        io.stdout.write(`---\n${stringify(manifest, { version: '1.1', lineWidth: 0 })}`);
      }
    });
}

async function projectOf(file: string): Promise<SupabaseProject> {
  const { parseProject, readProject } = await import('../../supabase/project.js');
  return file === '-' ? parseProject('standard input', await text(process.stdin)) : readProject(file);
}

function checkedImage(image: string): string {
  if (/^\S+(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/.test(image)) return image;
  throw new UserError(`--image ${JSON.stringify(image)} has no tag`, { hint: 'Name one, like postgres:17-alpine.' });
}

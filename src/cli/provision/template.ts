import { Command, Option } from 'commander';
import { ExitCode, UserError } from '../../errors.js';
import type { TemplateFormat } from '../../provision/template/template.js';
import type { Io } from '../run.js';
import { fileOption } from './command.js';

interface TemplateFlags {
  readonly file: string;
  readonly for: TemplateFormat;
  readonly host?: string;
  readonly kv: '1' | '2';
}

const formats: readonly TemplateFormat[] = ['nomad', 'env', 'kubernetes'];

export function templateCommand(io: Io): Command {
  return new Command('template')
    .description("print what a service's own configuration needs to connect")
    .argument('<service>', 'its name in the file')
    .addOption(fileOption())
    .addOption(new Option('--for <format>', 'what reads it').choices(formats).makeOptionMandatory())
    .option(
      '--host <name>',
      "where the service finds the server, if not at the file's host (nomad: Consul's postgresql)",
    )
    .addOption(new Option('--kv <version>', "version of Vault's engine, for nomad").choices(['1', '2']).default('2'))
    .action(async (name: string, flags: TemplateFlags) => {
      const { readSpec, selectServices } = await import('../../provision/spec/read.js');
      const { consumerTemplate } = await import('../../provision/template/template.js');
      const spec = await readSpec(flags.file, io.env);
      const [service] = selectServices(spec, [name]);
      if (service === undefined) throw new UserError(`no service ${name}`, { exitCode: ExitCode.notFound });
      const options = { host: flags.host, kvVersion: flags.kv === '1' ? 1 : 2 } as const;
      io.stdout.write(consumerTemplate(service, spec.server, flags.for, options));
    });
}

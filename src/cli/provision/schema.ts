import { Command } from 'commander';
import type { Io } from '../run.js';

export function schemaCommand(io: Io): Command {
  return new Command('schema').description('print the JSON Schema of services files, for editors').action(async () => {
    const { servicesSchemaText } = await import('../../provision/spec/services-schema.js');
    io.stdout.write(servicesSchemaText());
  });
}

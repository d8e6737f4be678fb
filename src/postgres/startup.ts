import type pg from 'pg';
import { driver } from './driver.js';

/** `pg`'s connection, except that we choose every parameter of the startup packet: `pg` always asks for client_encoding UTF8. */
export class StartupConnection extends driver.Connection {
  readonly #parameters: Readonly<Record<string, string>>;
  /** Parameters that the server has reported so far, and goes on reporting (ParameterStatus). */
  readonly serverParameters = new Map<string, string>();
  /** What a request to cancel must name (BackendKeyData). */
  backendKey = { processId: 0, secretKey: 0 };

  constructor(config: pg.ConnectionConfig & { ssl: unknown }, parameters: Readonly<Record<string, string>>) {
    super(config);
    this.#parameters = parameters;
    this.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) => {
      this.serverParameters.set(parameterName as string, parameterValue as string);
    });
    this.on('backendKeyData', ({ processID, secretKey }: Record<string, number>) => {
      this.backendKey = { processId: processID as number, secretKey: secretKey as number };
    });
  }

  /** Called by `pg` once the transport is up. */
  startup(): void {
    this.stream.write(startupPacket(this.#parameters));
  }
}

/** Protocol 3.0: int32 length, int32 196608, then name and value as C strings, and a final zero. */
function startupPacket(parameters: Readonly<Record<string, string>>): Buffer {
  const body = Object.entries(parameters).flat();
  const strings = Buffer.from(`${body.join('\0')}\0\0`);
  const packet = Buffer.alloc(8 + strings.length);
  packet.writeInt32BE(packet.length, 0);
  packet.writeInt32BE(3 << 16, 4);
  strings.copy(packet, 8);
  return packet;
}

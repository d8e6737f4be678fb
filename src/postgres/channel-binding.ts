import type { StartupConnection } from './startup.js';

/**
 * What `channel_binding=require` promises (libpq, "channel_binding"): the server proves that it knows the password's verifier, bound to
 * this very TLS connection, before it learns anything of the password. The connection is cut when it asks for less, or for nothing.
 */
export function requireChannelBinding(connection: StartupConnection): void {
  const cut = (reason: string) => {
    // `pg` has to hear of it before the next message, which may say that the session is ready.
    connection.emit('error', new Error(`channel binding required, but ${reason}`));
    connection.stream.destroy();
  };
  let isOffered = false;
  let isBound = false;
  const cutUnlessBound = () => {
    if (!isBound) cut('server authenticated client without channel binding');
  };
  connection.on('authenticationSASL', ({ mechanisms }: { mechanisms: readonly string[] }) => {
    isOffered = 'getPeerCertificate' in connection.stream && mechanisms.includes('SCRAM-SHA-256-PLUS');
    if (!isOffered) cut('server did not offer an authentication method that supports channel binding');
  });
  connection.on('authenticationSASLFinal', () => {
    isBound = isOffered;
  });
  connection.on('authenticationCleartextPassword', cutUnlessBound);
  connection.on('authenticationMD5Password', cutUnlessBound);
  connection.on('authenticationOk', cutUnlessBound);
}

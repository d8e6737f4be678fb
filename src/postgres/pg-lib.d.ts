/** Files of the `pg` package that have no declarations of their own. */
declare module 'pg/lib/client.js' {
  import type pg from 'pg';

  const Client: typeof pg.Client;
  export default Client;
}

declare module 'pg/lib/connection.js' {
  import type pg from 'pg';

  const Connection: typeof pg.Connection;
  export default Connection;
}

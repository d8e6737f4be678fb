import './navigator.js';

import Client from 'pg/lib/client.js';
import Connection from 'pg/lib/connection.js';
import { removeNavigator } from './navigator.js';

removeNavigator();

/** What is needed of the `pg` package, without its pool. */
export const driver = { Client, Connection };

/**
 * To find out where it runs `pg` looks at the global `Response` unless there is a `navigator`, and that look makes Node 20 load its whole
 * HTTP client: a `navigator` for the time of loading, as later versions of Node have one, saves some 40 ms.
 */
const isMissing = !('navigator' in globalThis);

if (isMissing) Object.assign(globalThis, { navigator: { userAgent: `Node.js/${process.versions.node}` } });

/** To be called when `pg` has been loaded. */
export function removeNavigator(): void {
  if (isMissing) Reflect.deleteProperty(globalThis, 'navigator');
}

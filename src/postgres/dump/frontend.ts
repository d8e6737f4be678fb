/** What is to be done with what a client has written so far. */
export type FrontendStep =
  | { readonly kind: 'startup' }
  /** The client asks for TLS or GSS encryption. */
  | { readonly kind: 'encryption' }
  | { readonly kind: 'request'; readonly bytes: Uint8Array<ArrayBuffer>; readonly answers: number }
  /** A message is not complete yet, or none that is asks for an answer. */
  | { readonly kind: 'more' };

/** Codes of the packets without a type (documentation, "Message Formats": SSLRequest, GSSENCRequest). */
const encryptionRequests: ReadonlySet<number> = new Set([80877103, 80877104]);

/** Messages that the server answers up to ReadyForQuery: Query, Sync and FunctionCall. */
const answered: ReadonlySet<number> = new Set(['Q', 'S', 'F'].map((type) => type.charCodeAt(0)));

/** Puts a client's writes together to whole messages: libpq writes long ones in pieces of 8 KiB. */
export class FrontendStream {
  #hasStarted = false;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array();

  /** The bytes are copied: they may be a view of memory that changes. */
  push(bytes: Uint8Array): FrontendStep {
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    return this.#hasStarted ? this.#nextRequest() : this.#start();
  }

  #start(): FrontendStep {
    const view = new DataView(this.#bytes.buffer);
    if (view.byteLength < 8 || view.byteLength < view.getUint32(0)) return { kind: 'more' };
    const isEncryption = encryptionRequests.has(view.getUint32(4));
    this.#hasStarted = !isEncryption;
    this.#bytes = new Uint8Array();
    return { kind: isEncryption ? 'encryption' : 'startup' };
  }

  #nextRequest(): FrontendStep {
    const view = new DataView(this.#bytes.buffer);
    let answers = 0;
    let at = 0;
    while (at < view.byteLength) {
      if (view.byteLength < at + 5) return { kind: 'more' };
      if (answered.has(view.getUint8(at))) answers += 1;
      at += 1 + view.getUint32(at + 1);
    }
    if (at !== view.byteLength || answers === 0) return { kind: 'more' };
    const request = { kind: 'request', bytes: this.#bytes, answers } as const;
    this.#bytes = new Uint8Array();
    return request;
  }
}

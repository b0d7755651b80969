import type { Call } from "@sc/model";

/** Header fields by lower-case name; fields that came more than once are joined by ", ". */
export type HttpHeaders = Readonly<Record<string, string>>;

/** One request. */
export interface HttpRequest extends Call {
  /** GET by default. */
  readonly method?: string;
  /** An http:// or https:// URL without user and password. */
  readonly url: string | URL;
  readonly headers?: HttpHeaders;
  /** Bytes can be sent again in a retry or redirect; a stream is sent once, so such a request is never repeated. */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array> | undefined;
  /**
   * Whether the request may be repeated: by default if its method is idempotent (GET, HEAD, PUT, DELETE, OPTIONS).
   * Set it for a POST that does no harm when it happens twice; unset it for what must happen at most once.
   */
  readonly retry?: boolean;
  /**
   * What to do with a redirect. `follow`, the default, follows those of GET and HEAD, and 307 and 308 of others with
   * bytes for a body; other redirects, and all with `manual`, are answers like any other.
   */
  readonly redirect?: "follow" | "manual";
  /**
   * The URL of the server whose answer named this request's URL, when it was not the user who named it: the request
   * then goes to no internal address that this server has no business naming (see `resolveReferral`).
   */
  readonly namedBy?: URL;
}

/** One answer. Its body must be read, or the answer disposed of: until then its connection is held. */
export interface HttpResponse extends AsyncDisposable {
  /** The URL that answered: the last one when redirects were followed. */
  readonly url: URL;
  readonly status: number;
  readonly headers: HttpHeaders;
  /** The bytes as they came over the wire, not decompressed; to be read once. Throws like `request`. */
  readonly body: AsyncIterable<Uint8Array>;
}

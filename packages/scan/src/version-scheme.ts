/**
 * How one ecosystem orders its versions, as its own tool does.
 *
 * Laws, tested on every fixture: `compare` is a total order on what `parse` accepts, and both stay linear in the
 * length of the text, which may be a million characters.
 */
export interface VersionScheme<Version> {
  /** Kebab-case, the name of its file. */
  readonly id: string;
  /** The version a text is, or `undefined` where the ecosystem's own tool would reject it. */
  parse(text: string): Version | undefined;
  /** Below zero, zero or above zero, as `left` is lower than, equal to or higher than `right`. */
  compare(left: Version, right: Version): number;
}

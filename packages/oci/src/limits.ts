/** A manifest or index as registries hold it: none takes one above 4 MiB. */
export const maxManifestBytes: number = 4 * 1024 * 1024;
/** An image's configuration: real ones are a few KiB; histories of hundreds of steps reach some hundred. */
export const maxConfigBytes: number = 8 * 1024 * 1024;
/** `index.json` of a layout, which a mirror of a whole registry may have made long. */
export const maxLayoutIndexBytes: number = 64 * 1024 * 1024;
/** Layers of one manifest: docker stops at 127, cosign at 1000 signatures. */
export const maxLayers = 1000;
/** Manifests of one index below the layout's own. */
export const maxIndexEntries = 1000;
/** Manifests of a layout's `index.json`. */
export const maxLayoutEntries = 100_000;
/** Indexes within indexes: buildx makes one level, nested builds two. */
export const maxIndexDepth = 4;
/** History entries of a configuration: a few for every layer. */
export const maxHistory = 10_000;
/** Manifests of one copy or one tree, referrers included. */
export const maxGraphManifests = 20_000;
/** Referrers of referrers: a signature of an SBOM of an image is two. */
export const maxReferrerDepth = 4;
/** Entries of an archive that holds images; an image takes about five. */
export const maxArchiveEntries = 200_000;
/** A JSON document inside an archive or layout that is not a manifest: `manifest.json`, `repositories`. */
export const maxDocumentBytes: number = 16 * 1024 * 1024;

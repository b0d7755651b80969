import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/sign` throws or gives as the reason of a refused candidate. */
export const signErrorCodes: ErrorCodes = {
  ANNOTATION_MISMATCH: {
    exit: 1,
    summary: "A signature lacks an annotation that was asked for, or says another value.",
    hint: "Check the -a KEY=VALUE that is asked for against: sc image tree REF",
  },
  ATTACHMENT_CONFLICT: {
    exit: 4,
    summary: "A signature tag kept changing while it was being added to.",
    retryable: true,
    hint: "Run it again when nothing else signs this image.",
  },
  ATTACHMENT_INVALID: {
    exit: 4,
    summary: "What stands under a signature tag is not what signing tools write.",
    hint: "Look at what is attached with sc image tree, and remove it with sc image clean.",
  },
  ATTACHMENT_REFUSED: {
    exit: 4,
    summary: "A signature was made, and the place refuses to store it.",
    hint: "Keep the bundle, or name another repository for signatures.",
  },
  BASE64_INVALID: {
    exit: 1,
    summary: "A text that should be base64 is not, or not in its one canonical form.",
    hint: "Make the file anew with the tool that wrote it.",
  },
  BUNDLE_INVALID: {
    exit: 1,
    summary: "A Sigstore bundle does not follow its format.",
    hint: "Check that the file is a Sigstore bundle of version 0.1 to 0.3 and whole.",
  },
  BUNDLE_VERSION_UNSUPPORTED: {
    exit: 1,
    summary: "A Sigstore bundle is of a version that is not read.",
    hint: "Sign again with a current cosign or sc.",
  },
  BUILDER_UNTRUSTED: {
    exit: 1,
    summary: "A provenance is by a builder that is not trusted.",
    hint: "Check who built the image before another --expected-builder-id is accepted.",
  },
  CERTIFICATE_INVALID: {
    exit: 1,
    summary: "A signing certificate is not valid by the trust root at the signing time.",
    hint: "Check that --trusted-root is that of the authority that signed.",
  },
  ENVELOPE_INVALID: {
    exit: 1,
    summary: "A DSSE envelope does not follow its specification.",
    hint: "Make the attestation anew, and check that the file is whole.",
  },
  IDENTITY_MISMATCH: {
    exit: 1,
    summary: "A signature is by someone else than was asked for.",
    hint: "Check who should have signed; the one who did stands above.",
  },
  IDENTITY_NOT_FOUND: {
    exit: 2,
    summary: "There is no identity token to sign with.",
    hint: "In GitHub Actions add id-token: write to permissions; elsewhere set SIGSTORE_ID_TOKEN or give --key.",
  },
  IDENTITY_TOKEN_INVALID: {
    exit: 3,
    summary: "What should be an identity token is none.",
    hint: "Give an OIDC token (a JWT) of the identity that signs.",
  },
  KEY_INVALID: {
    exit: 3,
    summary: "A key file holds no key that is accepted.",
    hint: "Give a PEM key: ECDSA P-256, P-384 or P-521, Ed25519 or RSA.",
  },
  KEY_KIND_MISMATCH: {
    exit: 1,
    summary: "A signature is by key where an identity was asked for, or the other way.",
    hint: "Verify with --key where a key signed, with --certificate-identity where a person or workflow did.",
  },
  KEY_NOT_FOUND: {
    exit: 3,
    summary: "A key reference names nothing that can be read.",
    hint: "Check the path, or make a pair with: sc key generate",
  },
  KEY_PAIR_MISMATCH: {
    exit: 3,
    summary: "The private key to sign with does not belong to the public key that is to verify.",
    hint: "Give both halves of one pair; sc key public --key KEY writes the public one.",
  },
  KEY_PASSWORD_WRONG: {
    exit: 3,
    summary: "The password does not open the private key, or none was given.",
    hint: "Set COSIGN_PASSWORD to the password the key was made with.",
  },
  KEY_REFERENCE_UNSUPPORTED: {
    exit: 3,
    summary: "A key reference is of a kind that is not served.",
    hint: "Name a file, env://NAME or an address with https.",
  },
  NO_SIGNATURES: {
    exit: 1,
    summary: "Nothing is attached to the image that could be verified.",
    hint: "See what is attached with: sc image tree REF",
  },
  POLICY_INVALID: {
    exit: 3,
    summary: "What a verification should ask for is contradictory or would accept anybody.",
    hint: "Name keys, or one identity together with its issuer.",
  },
  PREDICATE_INVALID: {
    exit: 3,
    summary: "A predicate does not have the shape that its type demands.",
    hint: "Check that --type says what the file holds.",
  },
  PREDICATE_TYPE_MISMATCH: {
    exit: 1,
    summary: "A statement is of another predicate type than was asked for.",
    hint: "See which types are attached with: sc image tree REF",
  },
  PROVENANCE_INVALID: {
    exit: 1,
    summary: "A provenance does not follow its format.",
    hint: "Make the provenance anew with sc provenance generate, or with the builder it came from.",
  },
  PROVENANCE_MISMATCH: {
    exit: 1,
    summary: "A provenance is from another builder, source, commit or version than was asked for.",
    hint: "Check what is expected, such as --expected-source-uri, against what sc image download writes out.",
  },
  REFERENCE_MISMATCH: {
    exit: 1,
    summary: "A signature names another repository than was asked for.",
    hint: "Give --signed-repository REPOSITORY where the image was copied from there.",
  },
  SIGNATURE_MISMATCH: {
    exit: 1,
    summary: "A signature is not by any of the accepted keys over this content.",
    hint: "Check that the public key belongs to the private key that signed.",
  },
  SIGN_LIMIT_EXCEEDED: {
    exit: 4,
    summary: "What is attached to the image exceeds a bound of the verifier.",
    hint: "Remove what is attached and not needed with sc image clean.",
  },
  SIGNING_CONFIG_INVALID: {
    exit: 3,
    summary: "A signing configuration does not follow its format, or names no service that is in force.",
    hint: "Take the signing configuration anew from whoever runs these services, or name the services by their addresses.",
  },
  SIGNING_SERVICE_INVALID: {
    exit: 4,
    summary: "A signing service answered something it should not.",
    hint: "Check that the address is that of the service, and ask whoever runs it.",
  },
  SIGNING_SERVICE_REFUSED: {
    exit: 4,
    summary: "A signing service refused what it was asked.",
    hint: "Read what the service answered; an expired identity token is the most frequent cause.",
  },
  STATEMENT_INVALID: {
    exit: 1,
    summary: "A statement or a signature payload does not follow its format.",
    hint: "Make the attestation anew: its statement is not in the form of in-toto.",
  },
  SUBJECT_MISMATCH: {
    exit: 1,
    summary: "A signature is for another image.",
    hint: "The tag may have moved after signing: sc image tree REF shows what is signed.",
  },
  SUMMARY_INVALID: {
    exit: 1,
    summary: "A verification summary does not follow its format.",
    hint: "Make the summary anew with the verifier it came from.",
  },
  SUMMARY_MISMATCH: {
    exit: 1,
    summary: "A verification summary is by another verifier, of another resource, or did not pass.",
    hint: "Check what is expected, such as --verifier-id, against what sc image download writes out.",
  },
  TAG_FORM_IMPOSSIBLE: {
    exit: 3,
    summary: "A signature by identity can stand under a tag only with a log that promises a time.",
    hint: "Give --storage bundle, or use a log of version 1.",
  },
  TAG_IMMUTABLE: {
    exit: 4,
    summary: "The tag that a signature belongs under may not be changed.",
    hint: "Use --storage bundle, or allow the registry's signature tags to change.",
  },
  TIMESTAMP_INVALID: {
    exit: 1,
    summary: "The time of a signature is not proven, or outside what the key is valid for.",
    hint: "Check that the trust root holds the time authority, and that the key or certificate was valid when it signed.",
  },
  TRANSPARENCY_LOG_INVALID: {
    exit: 1,
    summary: "A transparency log entry is missing or does not prove this signature.",
    hint: "Check that the trust root holds the log that the signature was entered in.",
  },
  TRUST_REFRESH_FAILED: {
    exit: 4,
    summary: "A TUF mirror gives out no trust root that may be believed.",
    hint: "Go on with the trust root at hand, or give one as a file.",
  },
  TRUSTED_ROOT_INVALID: {
    exit: 3,
    summary: "A trusted root does not follow its format.",
    hint: "Give a trusted_root.json as sigstore's TUF repository holds it.",
  },
  VERIFICATION_FAILED: {
    exit: 1,
    summary: "Signatures were found, and none is acceptable.",
    hint: "Check key or identity against what is attached: sc image tree REF",
  },
};

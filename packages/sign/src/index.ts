export { signErrorCodes } from "./error-codes.ts";
export { type KeyReferenceOptions, type SignerScheme } from "./key-reference.ts";
export { openSigner, readPublicKeys } from "./open-signer.ts";
export { type PredicateType } from "./predicate-type.ts";
export { predicateTypes } from "./predicates/index.ts";
export {
  generateKeyPair,
  type GenerateKeyPairOptions,
  importKeyPair,
  type KeyPair,
  type PrivateKeyOptions,
} from "./private-key.ts";
export { type KeyAlgorithm, keyAlgorithms, type KeyValidity, parsePublicKeys, type PublicKey } from "./public-key.ts";
export { resolvePredicateType } from "./resolve-predicate-type.ts";
export { createKeySigner, type Signature, type Signer, type SigningMaterial } from "./signer.ts";
export { signerSchemes } from "./signers/index.ts";
export { type Statement, type StatementSubject } from "./statement.ts";

import { type HttpClient, type HttpResponse, isLoopbackHost, readBody, redactUrl } from "@sc/http";
import {
  type Call,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  nearest,
  parseJson,
  ScError,
  withoutTrailing,
} from "@sc/model";
import { reports, type ScanReport } from "@sc/scan";
import {
  defectDojoScanTypes,
  type DefectDojoTarget,
  multipart,
  reportOfScanType,
  type UploadFields,
} from "./defectdojo-fields.ts";

/** The largest answer that is read: DefectDojo answers with ids and counts. */
const maxAnswerBytes = 1024 * 1024;

/** The type of a product that is made: every DefectDojo begins with it. */
const firstProductType = "Research and Development";

/** How much of a server's own words goes into a message. */
const maxQuotedCharacters = 400;

/** What an upload needs besides its target. */
export interface UploadOptions extends Call {
  readonly client: HttpClient;
  /** Hosts that may be spoken to over plain http; this machine always may. */
  readonly plainHttp?: readonly string[] | undefined;
  /** The build that made the image, where one is known. */
  readonly build?: { readonly id?: string; readonly commit?: string; readonly ref?: string } | undefined;
}

/** Where the findings are now. */
export interface UploadedFindings {
  readonly testId: number;
  readonly engagementId: number;
  readonly productId?: number;
  /** Whether findings of an earlier upload were brought up to date instead of a new test made. */
  readonly reimported: boolean;
  /** The page of the test. */
  readonly url: string;
}

/**
 * Uploads a report to DefectDojo. One image's repository is one test, brought up to date by every upload after the first,
 * so that findings that are gone are closed and others not doubled. Throws `REPORTING_INVALID`, `REPORTING_REFUSED` and
 * what the client throws.
 *
 * @see DefectDojo's API v2: `/api/v2/import-scan/`, `/api/v2/reimport-scan/`
 */
export async function uploadToDefectDojo(
  report: ScanReport,
  target: DefectDojoTarget,
  options: UploadOptions,
): Promise<UploadedFindings> {
  const server = new DefectDojo(target, options);
  const scanType = target.testType ?? "Trivy Scan";
  const fields = fieldsOf(report, scanType, target, options);
  const file = { name: "sc-report.json", text: renderReport(report, scanType) };
  const place = await resolvePlace(server, fields, target);
  const answer = await server.upload(place, { ...fields, ...place.fields }, file);
  if (answer !== undefined) return server.uploaded(answer, place.reimport);
  // No such test yet, and the server may not make one by itself: the first upload is an import.
  const first = { ...place, reimport: false };
  const made = await server.upload(first, { ...fields, ...place.fields }, file);
  if (made === undefined) throw server.refusal(404, "the engagement was not found");
  return server.uploaded(made, false);
}

/** The test that findings go to: by its id, in an engagement by its id, or by names. */
interface Place {
  readonly reimport: boolean;
  readonly fields: UploadFields;
}

async function resolvePlace(server: DefectDojo, fields: UploadFields, target: DefectDojoTarget): Promise<Place> {
  const { engagementId, engagementName, productName, productId, autoCreate = false } = target;
  if (engagementId !== undefined) {
    const test = await server.findTest(engagementId, fields);
    return test === undefined
      ? { reimport: false, fields: { engagement: String(engagementId) } }
      : { reimport: true, fields: { test: String(test) } };
  }
  const product = productName ?? (productId === undefined ? undefined : await server.readProductName(productId));
  if (product === undefined || engagementName === undefined) {
    throw new ScError(
      "REPORTING_INVALID",
      "DefectDojo: neither an engagement's id nor a product and an engagement's name is given",
      {
        hint: "Give engagementId, or engagementName with productName or productId; with autoCreate they are made.",
      },
    );
  }
  const named = { product_name: product, engagement_name: engagementName };
  if (!autoCreate) return { reimport: true, fields: named };
  // A type that is not the product's own is refused, so it is told for a new product only.
  const type = (await server.isProduct(product)) ? {} : { product_type_name: firstProductType };
  return { reimport: true, fields: { ...named, ...type, auto_create_context: "true" } };
}

function fieldsOf(
  report: ScanReport,
  scanType: string,
  { environment, tags = [] }: DefectDojoTarget,
  { build = {} }: UploadOptions,
): UploadFields {
  const wrong = tags.find((tag) => /[\s,"']/.test(tag) || tag === "");
  if (wrong !== undefined) {
    throw new ScError("REPORTING_INVALID", `DefectDojo: tag ${JSON.stringify(wrong)} has a blank, comma or quote`, {
      hint: "Use tags without blanks, commas and quotes.",
    });
  }
  const { name, repository, digest } = report.subject;
  return {
    scan_type: scanType,
    // What stays the same from one build to the next.
    test_title: repository ?? name,
    ...(digest === undefined ? {} : { version: digest }),
    ...(environment === undefined ? {} : { environment }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(build.id === undefined ? {} : { build_id: build.id }),
    ...(build.commit === undefined ? {} : { commit_hash: build.commit }),
    ...(build.ref === undefined ? {} : { branch_tag: build.ref }),
  };
}

function renderReport(report: ScanReport, scanType: string): string {
  const id = Object.hasOwn(reportOfScanType, scanType) ? reportOfScanType[scanType] : undefined;
  const form = reports.find((one) => one.id === id);
  if (form !== undefined) return form.render(report, {});
  const near = nearest(scanType, defectDojoScanTypes);
  throw new ScError(
    "REPORTING_INVALID",
    `DefectDojo: test type ${JSON.stringify(scanType.slice(0, 100))} is none that sc can write`,
    {
      hint: `${near === undefined ? "" : `Did you mean ${near}? `}Use one of: ${defectDojoScanTypes.join(", ")}.`,
    },
  );
}

/** One server, asked with one key. */
class DefectDojo {
  readonly #base: URL;
  readonly #key: string;
  readonly #options: UploadOptions;

  constructor({ url, apiKey }: DefectDojoTarget, options: UploadOptions) {
    if (apiKey === "") throw new ScError("REPORTING_INVALID", "DefectDojo: the API key is empty");
    this.#base = baseOf(url, options.plainHttp ?? []);
    this.#key = apiKey;
    this.#options = options;
  }

  /** The newest test of this title and type in an engagement. */
  async findTest(
    engagement: number,
    { test_title: title, scan_type: type }: UploadFields,
  ): Promise<number | undefined> {
    const url = this.#at("tests/");
    url.search = String(
      new URLSearchParams({
        engagement: String(engagement),
        title: String(title),
        scan_type: String(type),
        o: "-created",
      }),
    );
    const found = results(await this.#read(url)).find((one) => one["title"] === title && one["scan_type"] === type);
    return typeof found?.["id"] === "number" ? found["id"] : undefined;
  }

  async readProductName(id: number): Promise<string> {
    const product = await this.#read(this.#at(`products/${id}/`));
    const name = isJsonObject(product) ? product["name"] : undefined;
    if (typeof name === "string") return name;
    throw this.refusal(200, `product ${id} has no name`);
  }

  async isProduct(name: string): Promise<boolean> {
    const url = this.#at("products/");
    url.search = String(new URLSearchParams({ name_exact: name }));
    return results(await this.#read(url)).some((one) => one["name"] === name);
  }

  /** Sends the report; `undefined` where the test that was to be brought up to date is not there. */
  async upload(
    { reimport }: Place,
    fields: UploadFields,
    file: { readonly name: string; readonly text: string },
  ): Promise<JsonObject | undefined> {
    const { type, bytes } = await multipart(fields, file);
    const { client, signal } = this.#options;
    await using response = await client.request({
      method: "POST",
      url: this.#at(reimport ? "reimport-scan/" : "import-scan/"),
      headers: { ...this.#headers(), "content-type": type },
      body: bytes,
      // Bringing a test up to date twice does no harm; a second import would be a second test.
      retry: reimport,
      redirect: "manual",
      signal,
    });
    if (response.status === 404 && reimport) return undefined;
    const answer = await this.#answer(response, 201);
    if (isJsonObject(answer)) return answer;
    throw this.refusal(response.status, "the answer is no JSON object");
  }

  uploaded(answer: JsonObject, reimported: boolean): UploadedFindings {
    const { test_id: testId, engagement_id: engagementId, product_id: productId } = answer;
    if (typeof testId !== "number" || typeof engagementId !== "number") {
      throw this.refusal(201, "the answer names no test");
    }
    const url = String(new URL(`test/${testId}`, this.#base));
    return { testId, engagementId, ...(typeof productId === "number" ? { productId } : {}), reimported, url };
  }

  refusal(status: number, said: string): ScError {
    const denied = status === 401 || status === 403;
    const hint = denied
      ? "Check the API key and that its user may import scans."
      : "Check url, engagement, product and environment of the DefectDojo configuration.";
    return new ScError("REPORTING_REFUSED", `DefectDojo at ${redactUrl(this.#base)}: answered ${status}: ${said}`, {
      hint,
    });
  }

  async #read(url: URL): Promise<JsonValue> {
    const { client, signal } = this.#options;
    await using response = await client.request({ url, headers: this.#headers(), redirect: "manual", signal });
    return await this.#answer(response, 200);
  }

  async #answer(response: HttpResponse, wanted: number): Promise<JsonValue> {
    const bytes = await readBody(response, { maxBytes: maxAnswerBytes });
    if (response.status === wanted) {
      try {
        return parseJson(bytes, "DefectDojo's answer");
      } catch {
        throw this.refusal(response.status, "an answer that is no JSON: is this the address of DefectDojo?");
      }
    }
    const location = response.headers["location"];
    const said =
      location === undefined
        ? JSON.stringify(new TextDecoder().decode(bytes).slice(0, maxQuotedCharacters))
        : `go to ${redactUrl(location)}`;
    throw this.refusal(response.status, said);
  }

  #headers(): Record<string, string> {
    return { accept: "application/json", authorization: `Token ${this.#key}` };
  }

  #at(path: string): URL {
    return new URL(`api/v2/${path}`, this.#base);
  }
}

function baseOf(text: string, plainHttp: readonly string[]): URL {
  if (!URL.canParse(text)) throw invalidUrl(text, "is no URL");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") throw invalidUrl(redactUrl(url), "carries a user");
  const plain = url.protocol === "http:" && (isLoopbackHost(url.hostname) || plainHttp.includes(url.host));
  if (url.protocol !== "https:" && !plain)
    throw invalidUrl(redactUrl(url), "is not https, and the API key would be readable");
  // With or without the path of the API, as people paste it.
  url.pathname = `${withoutTrailing(url.pathname, "/").replace(/\/api\/v2$/, "")}/`;
  url.search = "";
  url.hash = "";
  return url;
}

function invalidUrl(text: string, why: string): ScError {
  return new ScError("REPORTING_INVALID", `DefectDojo: the address ${JSON.stringify(text.slice(0, 200))} ${why}`, {
    hint: "Give the address of the server, such as https://defectdojo.example.com",
  });
}

function results(answer: JsonValue): readonly JsonObject[] {
  const list = isJsonObject(answer) ? answer["results"] : undefined;
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

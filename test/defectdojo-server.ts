/**
 * A DefectDojo on loopback that checks what is uploaded by the rules of DefectDojo's own API serializers (version 2.5x:
 * `dojo/api_v2/serializers.py`, `dojo/importers/auto_create_context.py`): required fields, known scan types, file
 * extensions, tags, existing contexts, and what may be made when `auto_create_context` is set.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A test as it is after an upload, with the report that came last. */
export interface StoredTest {
  readonly id: number;
  readonly engagement: number;
  readonly title: string;
  readonly scan_type: string;
  readonly uploads: {
    readonly path: string;
    readonly fields: Readonly<Record<string, string[]>>;
    readonly report: unknown;
  }[];
}

interface Product {
  readonly id: number;
  readonly name: string;
  readonly type: string;
}

interface Engagement {
  readonly id: number;
  readonly name: string;
  readonly product: number;
}

/** The server and all that it knows. */
export class DefectDojoServer implements AsyncDisposable {
  readonly products: Product[] = [];
  readonly engagements: Engagement[] = [];
  readonly tests: StoredTest[] = [];
  readonly environments: Set<string> = new Set(["Development", "Staging", "Production"]);
  readonly requests: string[] = [];
  /** What the next requests are answered with instead of the truth. */
  readonly faults: { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }[] = [];
  readonly key: string = "dojo-key-7f3a9c2e";
  readonly #server = createServer((request, response) => {
    void this.#respond(request, response);
  });

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return this;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, body, headers = {} } = await this.#answer(request);
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    } catch (error) {
      response.writeHead(500).end(JSON.stringify({ message: String(error) }));
    }
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? "/", this.url);
    this.requests.push(`${request.method} ${url.pathname}`);
    const body = await buffer(request);
    const fault = this.faults.shift();
    if (fault !== undefined) return fault;
    if (request.headers.authorization !== `Token ${this.key}`)
      return { status: 401, body: { detail: "Invalid token." } };
    if (request.method === "GET") return this.#read(url);
    const type = request.headers["content-type"] ?? "";
    if (!type.startsWith("multipart/form-data")) return { status: 415, body: { detail: "Unsupported media type" } };
    const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
    try {
      if (url.pathname === "/api/v2/import-scan/") return await this.#import(form, url.pathname);
      if (url.pathname === "/api/v2/reimport-scan/") return await this.#reimport(form, url.pathname);
    } catch (error) {
      if (error instanceof Invalid) return { status: 400, body: error.body };
      throw error;
    }
    return { status: 404, body: { detail: "Not found." } };
  }

  #read(url: URL): Answer {
    const { searchParams: wanted } = url;
    const one = /^\/api\/v2\/products\/(\d+)\/$/.exec(url.pathname);
    if (one !== null) {
      const product = this.products.find(({ id }) => id === Number(one[1]));
      return product === undefined ? { status: 404, body: { detail: "Not found." } } : { status: 200, body: product };
    }
    if (url.pathname === "/api/v2/products/") {
      const name = wanted.get("name_exact")?.toLowerCase();
      return list(this.products.filter((product) => product.name.toLowerCase() === name));
    }
    if (url.pathname === "/api/v2/tests/") {
      const found = this.tests.filter(
        ({ engagement, title, scan_type: type }) =>
          engagement === Number(wanted.get("engagement")) &&
          title === wanted.get("title") &&
          type === wanted.get("scan_type"),
      );
      return list(found.toReversed());
    }
    return { status: 404, body: { detail: "Not found." } };
  }

  async #import(form: FormData, path: string): Promise<Answer> {
    const common = await this.#check(form);
    return this.#store(this.#createTest(form, this.#engagementOf(form)), { ...common, path });
  }

  async #reimport(form: FormData, path: string): Promise<Answer> {
    const common = await this.#check(form);
    const id = text(form, "test");
    const product = this.#productOf(form);
    const engagement = this.engagements.findLast(
      (one) => one.product === product?.id && one.name === text(form, "engagement_name"),
    );
    const title = text(form, "test_title");
    const test =
      id === undefined
        ? this.tests.findLast(
            (one) =>
              one.engagement === engagement?.id &&
              one.scan_type === text(form, "scan_type") &&
              (title === undefined || one.title === title),
          )
        : this.tests.find((one) => one.id === Number(id));
    if (test !== undefined) return this.#store(test, { ...common, path });
    if (text(form, "auto_create_context") !== "true")
      return { status: 404, body: { detail: "A test could not be found!" } };
    return this.#store(this.#createTest(form, this.#engagementOf(form)), { ...common, path });
  }

  async #check(form: FormData): Promise<Omit<StoredTest["uploads"][number], "path">> {
    const type = text(form, "scan_type");
    if (type === undefined) throw new Invalid({ scan_type: ["This field is required."] });
    const known = ["Trivy Scan", "Anchore Grype", "SARIF", "CycloneDX Scan", "OSV Scan"];
    if (!known.includes(type)) throw new Invalid({ scan_type: [`"${type}" is not a valid choice.`] });
    const file = form.get("file");
    if (!(file instanceof File))
      throw new Invalid({ non_field_errors: [`Uploading a Report File is required for ${type}`] });
    if (!/\.(json|jsonl|xml|csv|html|js|zip|sarif)$/.test(file.name))
      throw new Invalid({ file: ["File extension is not allowed."] });
    for (const tag of form.getAll("tags")) {
      if (typeof tag !== "string" || /[\s,'"]/.test(tag)) throw new Invalid({ tags: ["Invalid tag."] });
    }
    const environment = text(form, "environment") ?? "Development";
    if (!this.environments.has(environment)) {
      if (text(form, "auto_create_context") !== "true")
        throw new Invalid([`Environment named ${environment} does not exist.`]);
      this.environments.add(environment);
    }
    const fields: Record<string, string[]> = {};
    for (const [name, value] of form) if (typeof value === "string") (fields[name] ??= []).push(value);
    return { fields, report: JSON.parse(await file.text()) };
  }

  #productOf(form: FormData): Product | undefined {
    const product = this.products.find(({ name }) => name === text(form, "product_name"));
    const type = text(form, "product_type_name");
    if (product !== undefined && type !== undefined && product.type !== type) {
      throw new Invalid(["The fetched product has a conflict with the supplied product type name"]);
    }
    return product;
  }

  #engagementOf(form: FormData): number {
    const id = text(form, "engagement");
    if (id !== undefined) {
      if (!this.engagements.some((one) => one.id === Number(id))) {
        throw new Invalid({ engagement: [`Invalid pk "${id}" - object does not exist.`] });
      }
      return Number(id);
    }
    const product = this.#productOf(form);
    const name = text(form, "engagement_name") ?? "";
    const found = this.engagements.findLast((one) => one.product === product?.id && one.name === name);
    if (found !== undefined) return found.id;
    if (text(form, "auto_create_context") !== "true") {
      throw new Invalid(["auto_create_context not True, unable to create non-existing engagement"]);
    }
    return this.addEngagement(
      name,
      product?.id ?? this.addProduct(text(form, "product_name") ?? "", text(form, "product_type_name")),
    );
  }

  addProduct(name: string, type: string | undefined): number {
    if (name === "" || type === undefined)
      throw new Invalid(["product_name and product_type_name are needed to make a product"]);
    const id = 100 + this.products.length;
    this.products.push({ id, name, type });
    return id;
  }

  addEngagement(name: string, product: number): number {
    const id = 200 + this.engagements.length;
    this.engagements.push({ id, name, product });
    return id;
  }

  #createTest(form: FormData, engagement: number): StoredTest {
    const type = text(form, "scan_type") ?? "";
    const id = 300 + this.tests.length;
    const test = { id, engagement, title: text(form, "test_title") ?? type, scan_type: type, uploads: [] };
    this.tests.push(test);
    return test;
  }

  #store(test: StoredTest, upload: StoredTest["uploads"][number]): Answer {
    test.uploads.push(upload);
    const product = this.engagements.find(({ id }) => id === test.engagement)?.product;
    return {
      status: 201,
      body: {
        test: test.id,
        test_id: test.id,
        engagement_id: test.engagement,
        product_id: product,
        scan_type: test.scan_type,
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

/** What Django REST framework answers with 400. */
class Invalid extends Error {
  readonly body: unknown;

  constructor(body: unknown) {
    super("invalid");
    this.body = body;
  }
}

function text(form: FormData, name: string): string | undefined {
  const value = form.get(name);
  return typeof value === "string" ? value : undefined;
}

function list(found: readonly unknown[]): Answer {
  return { status: 200, body: { count: found.length, next: null, previous: null, results: found } };
}

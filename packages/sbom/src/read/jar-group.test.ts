import { describe, expect, test } from "vitest";
import { identifyJar } from "./jar-identity.ts";
import { parseJavaManifest } from "./java-manifest.ts";

/** What a jar is called, by the lines of its manifest and where its classes lie. */
function nameOf(file: string, lines: readonly string[] = [], classes: readonly string[] = []): string | undefined {
  const named = identifyJar(file, parseJavaManifest(["Manifest-Version: 1.0", ...lines].join("\n")), classes);
  return named === undefined ? undefined : [named.group ?? "-", named.artifact, named.version].join(":");
}

describe("the group of a jar without Maven's own files (SBOM-2, SCAN-4)", () => {
  test.each([
    [
      "Jenkins' plugins state it",
      "git.hpi",
      ["Group-Id: org.example", "Short-Name: git", "Plugin-Version: 4.7 (x)"],
      "org.example:git:4.7",
    ],
    [
      "Gradle's title states it",
      "server-8.1.jar",
      ["Implementation-Title: org.example#other;8.1"],
      "org.example:server:8.1",
    ],
    [
      "Maven writes it as the vendor",
      "a-1.jar",
      ["Implementation-Vendor-Id: org.example.parent"],
      "org.example.parent:a:1",
    ],
    ["a vendor of the artifact's own name counts", "junit-3.jar", ["Implementation-Vendor-Id: junit"], "junit:junit:3"],
    ["an umbrella is no group", "a-1.jar", ["Implementation-Vendor-Id: org.apache"], "-:a:1"],
    [
      "a project of Apache keeps its name",
      "ivy-2.jar",
      ["Bundle-SymbolicName: org.apache.ivy;x=y"],
      "org.apache.ivy:ivy:2",
    ],
    ["a name ends with the artifact", "a-b-1.jar", ["Bundle-SymbolicName: org.example.a-b"], "org.example:a-b:1"],
    ["a module writes dots for hyphens", "a-b-1.jar", ["Automatic-Module-Name: org.example.a.b"], "org.example:a-b:1"],
    [
      "a bundle leaves out what the group ends with",
      "commons-lang3-3.12.jar",
      ["Bundle-SymbolicName: org.apache.commons.lang3"],
      "org.apache.commons:commons-lang3:3.12",
    ],
    [
      "a longer name is plain",
      "failureaccess-1.jar",
      ["Bundle-SymbolicName: com.google.guava.failureaccess"],
      "com.google.guava:failureaccess:1",
    ],
    ["two parts and a word could be either", "jansi-1.jar", ["Bundle-SymbolicName: org.fusesource.jansi"], "-:jansi:1"],
    [
      "a name without the artifact tells nothing",
      "guice-5.jar",
      ["Bundle-SymbolicName: com.google.inject"],
      "-:guice:5",
    ],
    ["an older library's extension", "a-b-1.jar", ["Extension-Name: org.example.a.b"], "org.example:a-b:1"],
    [
      "a section of a package",
      "axis.jar",
      ["", "Name: org/apache/axis/", "Implementation-Version: 1.4 1855 April"],
      "org.apache.axis:axis:1.4",
    ],
    [
      "a section of a file tells nothing",
      "axis.jar",
      ["", "Name: org/apache/axis/A.class", "Implementation-Version: 1.4"],
      undefined,
    ],
    ["a project of Eclipse has its own", "org.eclipse.jgit-6.1.jar", [], "org.eclipse.jgit:org.eclipse.jgit:6.1"],
    [
      "Eclipse's platform has one",
      "org.eclipse.equinox.common-3.jar",
      [],
      "org.eclipse.platform:org.eclipse.equinox.common:3",
    ],
    ["what is woven into others is none of them", "spring-web-5.jar", ["Weave-Classes: a.B"], undefined],
    [
      "a file's name without a version goes before the end of a bundle's",
      "a-core.jar",
      ["Bundle-SymbolicName: org.example.core", "Bundle-Version: 2.5"],
      "-:a-core:2.5",
    ],
    [
      "a name that only happens to end as a bundle's goes behind it",
      "encore.jar",
      ["Bundle-SymbolicName: org.example.core", "Bundle-Version: 2.5"],
      "-:core:2.5",
    ],
    [
      "a title that states the name goes before the file's",
      "my-core.jar",
      ["Implementation-Title: core", "Implementation-Version: 2.5"],
      "-:core:2.5",
    ],
    [
      "an artifact that repeats its group is whole",
      "org.example.one.inject-1.jar",
      ["Implementation-Vendor-Id: org.example.one", "Bundle-SymbolicName: org.example.one.inject"],
      "org.example.one:org.example.one.inject:1",
    ],
    [
      "a version that the manifest states ends the name",
      "log4j-1.2-api-2.17.1.jar",
      ["Implementation-Version: 2.17.1"],
      "-:log4j-1.2-api:2.17.1",
    ],
  ] as const)("%s: %s", (_, file, lines, expected) => {
    expect(nameOf(file, lines)).toBe(expected);
  });

  test.each([
    ["spring-web-5.3.20.jar", "org.springframework.web", "org.springframework:spring-web:5.3.20"],
    ["spring-boot-actuator-2.7.jar", "org.springframework.boot", "org.springframework.boot:spring-boot-actuator:2.7"],
    [
      "spring-security-core-5.jar",
      "org.springframework.security",
      "org.springframework.security:spring-security-core:5",
    ],
    [
      "spring-security-oauth2-2.5.jar",
      "org.springframework.security",
      "org.springframework.security.oauth:spring-security-oauth2:2.5",
    ],
    ["tomcat-embed-core-9.0.1.jar", "org.apache.tomcat", "org.apache.tomcat.embed:tomcat-embed-core:9.0.1"],
    ["commons-io-2.4.jar", "org.apache.commons", "commons-io:commons-io:2.4"],
    ["log4j-1.2.8.jar", "org.apache.log4j", "log4j:log4j:1.2.8"],
    ["struts-1.2.9.jar", "org.apache.struts", "struts:struts:1.2.9"],
    ["ant-1.5.jar", "org.apache.tools", "ant:ant:1.5"],
    ["ant-1.10.1.jar", "org.apache.tools", "org.apache.ant:ant:1.10.1"],
    ["bcprov-jdk15on-1.70.jar", "org.bouncycastle.jce", "org.bouncycastle:bcprov-jdk15on:1.70"],
    ["kafka-clients-3.4.0.jar", "org.apache.kafka", "org.apache.kafka:kafka-clients:3.4.0"],
    ["kafka_2.13-3.4.0.jar", "kafka.server", "org.apache.kafka:kafka_2.13:3.4.0"],
    ["jackson-mapper-asl-1.9.jar", "org.codehaus.jackson", "org.codehaus.jackson:jackson-mapper-asl:1.9"],
    ["dom4j-1.6.1.jar", "org.dom4j", "dom4j:dom4j:1.6.1"],
    ["dom4j-2.1.3.jar", "org.dom4j", "org.dom4j:dom4j:2.1.3"],
    ["hibernate-core-5.6.jar", "org.hibernate", "org.hibernate:hibernate-core:5.6"],
    ["hibernate-core-6.2.jar", "org.hibernate.boot", "org.hibernate.orm:hibernate-core:6.2"],
    ["okhttp-4.9.jar", "okhttp3.internal", "com.squareup.okhttp3:okhttp:4.9"],
    ["batik-all-1.14.jar", "org.apache.batik", "org.apache.xmlgraphics:batik-all:1.14"],
    ["asm-9.4.jar", "org.objectweb.asm", "org.ow2.asm:asm:9.4"],
    ["apache-cassandra-4.0.jar", "org.apache.cassandra", "org.apache.cassandra:cassandra-all:4.0"],
  ])("well-known: %s, and not where its classes are another's", (file, classes, expected) => {
    expect(nameOf(file, [], ["javax.servlet", classes])).toBe(expected);
    expect(nameOf(file, [], ["com.example"])).toMatch(/^-:/);
    expect(nameOf(file, [], [`x.${classes}`])).toMatch(/^-:/);
  });

  test("a file that Quarkus names by group and artifact is known too, and not under another group", () => {
    const classes = ["okhttp3.internal"];
    expect(nameOf("com.squareup.okhttp3.okhttp-4.9.jar", [], classes)).toBe("com.squareup.okhttp3:okhttp:4.9");
    expect(nameOf("com.example.okhttp-4.9.jar", [], classes)).toBe("-:com.example.okhttp:4.9");
  });

  test("a jar of Spring without a version in its file's name is known by that name", () => {
    const lines = ["Bundle-SymbolicName: org.springframework.core", "Bundle-Version: 2.5.6.SEC03"];
    expect(nameOf("spring-core.jar", lines, ["org.springframework.core"])).toBe(
      "org.springframework:spring-core:2.5.6.SEC03",
    );
  });

  test("a file of Tomcat's own distribution has the name that Maven gives it, by its title", () => {
    const title = ["Implementation-Title: Apache Tomcat", "Implementation-Version: 9.0.60"];
    expect(nameOf("catalina.jar", title)).toBe("org.apache.tomcat:tomcat-catalina:9.0.60");
    expect(nameOf("catalina-tribes.jar", title)).toBe("org.apache.tomcat:tomcat-tribes:9.0.60");
    expect(nameOf("tomcat-coyote.jar", title)).toBe("org.apache.tomcat:tomcat-coyote:9.0.60");
    expect(nameOf("catalina.jar", ["Implementation-Title: Mine", "Implementation-Version: 9.0.60"])).toBe(
      "-:catalina:9.0.60",
    );
  });

  test("a starter of Spring Boot holds no class: its module tells", () => {
    expect(nameOf("spring-boot-starter-web-2.7.jar", ["Automatic-Module-Name: spring.boot.starter.web"])).toBe(
      "org.springframework.boot:spring-boot-starter-web:2.7",
    );
  });
});

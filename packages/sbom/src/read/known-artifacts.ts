/** What of a jar is held against a row of the table. */
interface Shown {
  /** Titles and modules in its manifest. */
  readonly titles: readonly (string | undefined)[];
  /** Packages of classes, cut to three parts. */
  readonly classes: readonly string[];
}

/** Artifacts of one group whose jars say nothing of it, or something else. */
interface KnownArtifact {
  readonly artifact: RegExp;
  /** Absent where the group has the artifact's name. */
  readonly group?: string;
  /** Where some class of the jar lies; so that a jar of the same name by others is not taken for it. */
  readonly classes: string;
  /** Or how a title or module in the manifest begins, for jars that hold no class there. */
  readonly title?: string;
  /** Of which versions, where the project has moved. */
  readonly version?: RegExp;
  /** What Maven calls it, where the project's own distribution has another name for the file. */
  readonly renamed?: (name: string) => string;
}

/**
 * Well-known artifacts that are built without Maven, or whose manifests state another name. The first row that fits
 * counts. Each group is the one under which the project publishes these artifacts, and their advisories are kept.
 */
const table: readonly KnownArtifact[] = [
  // Spring, built with Gradle: a title and a module, neither of which has the group.
  {
    artifact:
      /^spring(?:-(?:aop|asm|aspects|beans|context|context-indexer|context-support|core|core-test|expression|instrument|instrument-tomcat|jcl|jdbc|jms|messaging|orm|oxm|r2dbc|struts|test|tx|web|webflux|webmvc|webmvc-portlet|websocket))?$/,
    group: "org.springframework",
    classes: "org.springframework",
  },
  {
    artifact: /^spring-boot(?:-|$)/,
    group: "org.springframework.boot",
    classes: "org.springframework.boot",
    title: "spring.boot",
  },
  {
    artifact: /^spring-security-oauth2?$/,
    group: "org.springframework.security.oauth",
    classes: "org.springframework.security",
  },
  {
    artifact:
      /^spring-security-(?:access|acl|aspects|cas|config|core|crypto|data|jwt|ldap|messaging|oauth2-(?:authorization-server|client|core|jose|resource-server)|openid|remoting|rsocket|saml2-service-provider|taglibs|test|web|webauthn)$/,
    group: "org.springframework.security",
    classes: "org.springframework.security",
  },
  ...["batch", "data", "integration", "ldap", "session", "ws"].map((project): KnownArtifact => {
    const group = `org.springframework.${project}`;
    return { artifact: new RegExp(`^spring-${project}-`), group, classes: group };
  }),
  ...["graphql", "hateoas", "kafka", "retry"].map((project): KnownArtifact => {
    const group = `org.springframework.${project}`;
    return { artifact: new RegExp(`^spring-${project}$`), group, classes: group };
  }),
  { artifact: /^spring-(?:amqp|rabbit)$/, group: "org.springframework.amqp", classes: "org.springframework.amqp" },

  // Tomcat, built with Ant; its own distribution leaves out how the names of most artifacts begin.
  {
    artifact: /^tomcat-embed-/,
    group: "org.apache.tomcat.embed",
    classes: "org.apache.tomcat",
    title: "Apache Tomcat",
  },
  { artifact: /^tomcat-/, group: "org.apache.tomcat", classes: "org.apache.tomcat", title: "Apache Tomcat" },
  {
    artifact:
      /^(?:annotations-api|catalina|catalina-ant|catalina-ha|el-api|jasper|jasper-el|jaspic-api|jsp-api|servlet-api|websocket-api|websocket-client-api)$/,
    group: "org.apache.tomcat",
    classes: "org.apache.catalina",
    title: "Apache Tomcat",
    renamed: (name) => `tomcat-${name}`,
  },
  {
    artifact: /^catalina-(?:ssi|storeconfig|tribes)$/,
    group: "org.apache.tomcat",
    classes: "org.apache.catalina",
    title: "Apache Tomcat",
    renamed: (name) => name.replace("catalina", "tomcat"),
  },

  // Apache's older projects, from before groups were domains.
  {
    artifact:
      /^commons-(?:beanutils|chain|cli|codec|collections|configuration|daemon|dbcp|dbutils|digester|discovery|el|fileupload|httpclient|io|jexl|jxpath|lang|launcher|logging|modeler|net|pool|primitives|validator)$/,
    classes: "org.apache.commons",
  },
  { artifact: /^commons-logging-(?:adapters|api)$/, group: "commons-logging", classes: "org.apache.commons" },
  { artifact: /^log4j$/, classes: "org.apache.log4j", version: /^1\.[0-2](?:\.\d+)*$/ },
  { artifact: /^struts$/, classes: "org.apache.struts", version: /^1\.[0-2](?:\.|$)/ },
  { artifact: /^velocity$/, classes: "org.apache.velocity", version: /^1\.[0-4](?:\.|$)/ },
  { artifact: /^velocity$/, group: "org.apache.velocity", classes: "org.apache.velocity" },
  { artifact: /^oro$/, classes: "org.apache.oro" },
  { artifact: /^(?:xalan|serializer)$/, group: "xalan", classes: "org.apache" },
  { artifact: /^xercesImpl$/, group: "xerces", classes: "org.apache.xerces" },
  { artifact: /^ant$/, classes: "org.apache.tools", version: /^1\.[0-6](?:\.|$)/ },
  { artifact: /^ant(?:-|$)/, group: "org.apache.ant", classes: "org.apache.tools" },
  { artifact: /^xml-resolver$/, classes: "org.apache.xml" },
  { artifact: /^(?:fontbox|jempbox|xmpbox)$/, group: "org.apache.pdfbox", classes: "org.apache" },
  { artifact: /^batik-/, group: "org.apache.xmlgraphics", classes: "org.apache.batik" },
  { artifact: /^fop(?:-|$)/, group: "org.apache.xmlgraphics", classes: "org.apache.fop" },
  { artifact: /^kafka_\d/, group: "org.apache.kafka", classes: "kafka" },
  {
    artifact: /^apache-cassandra$/,
    group: "org.apache.cassandra",
    classes: "org.apache.cassandra",
    renamed: () => "cassandra-all",
  },
  ...["cassandra", "geode", "kafka", "lucene", "poi", "solr"].map((project): KnownArtifact => {
    const group = `org.apache.${project}`;
    return { artifact: new RegExp(`^${project}(?:-|$)`), group, classes: group };
  }),

  // Others, whose classes, modules and groups have different names.
  {
    artifact: /^jackson-(?:core-asl|jaxrs|mapper-asl|smile|xc)$/,
    group: "org.codehaus.jackson",
    classes: "org.codehaus.jackson",
  },
  {
    artifact: /^bc(?:-fips|jmail-|mail-|pg-|pkix-|prov-|tls-|tsp-|util-)/,
    group: "org.bouncycastle",
    classes: "org.bouncycastle",
  },
  { artifact: /^elasticsearch$/, group: "org.elasticsearch", classes: "org.elasticsearch" },
  { artifact: /^dom4j$/, classes: "org.dom4j", version: /^1\./ },
  { artifact: /^dom4j$/, group: "org.dom4j", classes: "org.dom4j" },
  { artifact: /^jaxen$/, classes: "org.jaxen" },
  { artifact: /^jdom$/, group: "org.jdom", classes: "org.jdom", version: /^1\.1(?:\.|$)/ },
  { artifact: /^jdom2$/, group: "org.jdom", classes: "org.jdom2" },
  { artifact: /^asm(?:-|$)/, group: "asm", classes: "org.objectweb.asm", version: /^[1-3]\./ },
  { artifact: /^asm(?:-(?:all|analysis|commons|tree|util))?$/, group: "org.ow2.asm", classes: "org.objectweb.asm" },
  { artifact: /^ognl$/, classes: "ognl" },
  { artifact: /^antlr$/, classes: "antlr", version: /^2\./ },
  { artifact: /^freemarker$/, group: "org.freemarker", classes: "freemarker" },
  { artifact: /^h2$/, group: "com.h2database", classes: "org.h2" },
  { artifact: /^hsqldb$/, classes: "org.hsqldb", version: /^1\./ },
  { artifact: /^hsqldb$/, group: "org.hsqldb", classes: "org.hsqldb" },
  { artifact: /^mysql-connector-java$/, group: "mysql", classes: "com.mysql" },
  { artifact: /^mysql-connector-j$/, group: "com.mysql", classes: "com.mysql" },
  { artifact: /^postgresql$/, group: "org.postgresql", classes: "org.postgresql", version: /^42\./ },
  { artifact: /^hibernate-(?:core|envers)$/, group: "org.hibernate", classes: "org.hibernate", version: /^[3-5]\./ },
  { artifact: /^hibernate-(?:core|envers)$/, group: "org.hibernate.orm", classes: "org.hibernate" },
  { artifact: /^okhttp$/, group: "com.squareup.okhttp3", classes: "okhttp3" },
  { artifact: /^okio(?:-jvm)?$/, group: "com.squareup.okio", classes: "okio" },
  { artifact: /^kotlin-(?:reflect|stdlib)(?:-|$)/, group: "org.jetbrains.kotlin", classes: "kotlin" },
  {
    artifact: /^groovy(?:-|$)/,
    group: "org.codehaus.groovy",
    classes: "groovy",
    title: "Groovy: ",
    version: /^[123]\./,
  },
  { artifact: /^groovy(?:-|$)/, group: "org.apache.groovy", classes: "groovy", title: "Groovy: " },
  { artifact: /^graphql-java$/, group: "com.graphql-java", classes: "graphql" },
  { artifact: /^reactor-netty(?:-|$)/, group: "io.projectreactor.netty", classes: "reactor.netty" },
];

/** The group of a well-known artifact whose jar it is, and its name in Maven. */
export function knownArtifact(
  artifact: string,
  version: string,
  { titles, classes }: Shown,
): { readonly group: string; readonly artifact: string } | undefined {
  const row = table.find(
    (one) =>
      one.artifact.test(artifact) &&
      one.version?.test(version) !== false &&
      (titles.some((title) => one.title !== undefined && title?.startsWith(one.title) === true) ||
        classes.some((name) => name === one.classes || name.startsWith(`${one.classes}.`))),
  );
  if (row === undefined) return undefined;
  return { group: row.group ?? artifact, artifact: row.renamed?.(artifact) ?? artifact };
}

// Completes npm's list of packages to the SBOM of the image: names its root, adds Node and the packages of the operating
// system. Runs in the runtime image, because only that knows them: node image-sbom.js
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const DPKG = '/var/lib/dpkg';

const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const sbom = JSON.parse(readFileSync('packages.cdx.json', 'utf8'));
const os = fields(readFileSync('/etc/os-release', 'utf8'), '=');
const distribution = `${os.ID}-${os.VERSION_ID}`;

/** The lines `NAME<separator>value` of a text. */
function fields(text, separator) {
  return Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.match(`^([A-Za-z_-]+)${separator}\\s*"?(.*?)"?$`))
      .filter(Boolean)
      .map(([, key, value]) => [key, value]),
  );
}

/** The paragraphs of dpkg: one file each in a distroless image, one file for all in Debian. */
function packages() {
  const folder = `${DPKG}/status.d`;
  const texts = existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => !file.endsWith('.md5sums'))
        .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
    : readFileSync(`${DPKG}/status`, 'utf8').split('\n\n');
  return texts.map((text) => fields(text, ':')).filter((each) => each.Package);
}

const root = { ...sbom.metadata.component, type: 'container', name, version };
root['bom-ref'] = `${name}@${version}`;
const before = sbom.metadata.component['bom-ref'];
sbom.metadata.component = root;
const added = [
  {
    'bom-ref': distribution,
    type: 'operating-system',
    name: os.ID,
    version: os.VERSION_ID,
  },
  {
    'bom-ref': `node@${process.versions.node}`,
    type: 'platform',
    name: 'node',
    version: process.versions.node,
    purl: `pkg:generic/node@${process.versions.node}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${process.versions.node}:*:*:*:*:*:*:*`,
  },
  ...packages().map(({ Package, Version, Architecture }) => {
    const purl = `pkg:deb/${os.ID}/${Package}@${Version}?arch=${Architecture}&distro=${distribution}`;
    return { 'bom-ref': purl, type: 'library', name: Package, version: Version, purl };
  }),
];
sbom.components.push(...added);
sbom.dependencies = sbom.dependencies.map(({ ref, dependsOn }) =>
  ref === before
    ? { ref: root['bom-ref'], dependsOn: [...dependsOn, ...added.map((each) => each['bom-ref'])] }
    : { ref, dependsOn },
);
writeFileSync('sbom.cdx.json', JSON.stringify(sbom, null, 2));

import { readdir, readFile } from 'node:fs/promises';

/**
 * The licences of the packages to which these files belong, as text. Bundled files have no licence file beside them,
 * and most licences ask that their text goes with every copy. A package without a text is named with its author.
 */
export async function licencesOf(files: readonly string[]): Promise<string> {
  const folders = files.map((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  const licences = [...new Set(folders.filter((each) => each !== undefined))]
    .toSorted()
    .map(async (folder) => {
      const { name, version, license, author, homepage } = JSON.parse(
        await readFile(`${folder}/package.json`, 'utf8'),
      ) as Record<string, string>;
      const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
      const words =
        file === undefined
          ? `By ${author}, ${homepage}`
          : await readFile(`${folder}/${file}`, 'utf8');
      return `${name} ${version}, ${license}\n\n${words.trim()}\n`;
    });
  return (await Promise.all(licences)).join('\n');
}

// Packs what is published: `node scripts/pack.mjs FOLDER PLATFORM=ADDON…`, such as linux-x64-gnu=target/release/libdevmetrics_node.so.
// The main package depends on those of the platforms that were built, so that npm installs the one that fits.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const sources = fileURLToPath(new URL('..', import.meta.url))
const [folder, ...built] = process.argv.slice(2)
const staged = resolve(folder, 'staged')
rmSync(folder, { recursive: true, force: true })
mkdirSync(staged, { recursive: true })

const main = JSON.parse(readFileSync(join(sources, 'package.json'), 'utf8'))
main.optionalDependencies = {}
for (const pair of built) {
  const [platform, addon] = pair.split('=')
  const target = join(staged, platform)
  cpSync(join(sources, 'npm', platform), target, { recursive: true })
  cpSync(addon, join(target, 'devmetrics.node'))
  const { name, version } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'))
  if (version !== main.version) {
    throw new Error(`${name} is ${version}, and the main package ${main.version}`)
  }
  main.optionalDependencies[name] = version
  pack(target)
}
const target = join(staged, 'main')
for (const file of [...main.files, 'README.md']) {
  cpSync(join(sources, file), join(target, file), { recursive: true })
}
writeFileSync(join(target, 'package.json'), `${JSON.stringify(main, null, 2)}\n`)
pack(target)

function pack(from) {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', resolve(folder), from], { stdio: ['ignore', 'ignore', 'inherit'] })
}

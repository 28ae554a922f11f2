// The folder of the parity scenario: a git repository, teams, a configuration.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { connect } from 'devmetrics'

const PARITY = process.env.PARITY_FOLDER
export const SCENARIO = JSON.parse(readFileSync(join(PARITY, 'scenario.json'), 'utf8'))
export const WHEN = { from: '2026-01-05', to: '2026-03-30' }

const require = createRequire(import.meta.url)
/** The native half, below what people see. */
export const native = require(join(dirname(require.resolve('devmetrics')), 'lib/native.js'))

export function folder() {
  const made = mkdtempSync(join(tmpdir(), 'devmetrics-'))
  process.on('exit', () => rmSync(made, { recursive: true }))
  return made
}

/** A git repository with the history that `git fast-import` reads. */
export function repository(path, history) {
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', path])
  execFileSync('git', ['-C', path, 'fast-import', '--quiet'], { input: history })
}

/** The scenario's configuration, with everything collected where `synced`. */
export async function configuration({ synced = true } = {}) {
  const made = folder()
  for (const [name, text] of Object.entries(SCENARIO.files)) {
    writeFileSync(join(made, name), text)
  }
  const shop = join(made, 'shop')
  repository(shop, readFileSync(join(PARITY, 'history.txt')))
  execFileSync('git', ['-C', shop, 'remote', 'add', 'origin', 'https://example.org/acme/shop'])
  const path = join(made, 'devmetrics.toml')
  if (synced) {
    const engine = await connect(path)
    const report = await engine.sync()
    if (report.outcome.outcome !== 'complete') {
      throw new Error(JSON.stringify(report))
    }
    await engine.importIncidents({ records: SCENARIO.incidents, source: 'pager' })
  }
  return path
}

/** A history of so many merged changes, by one person. */
export function changes(count, person = 'Ada <ada@example.org>') {
  const parts = []
  for (let n = 1; n <= count; n++) {
    const at = `${person} ${1_767_528_000 + n * 60} +0000`
    const message = `Change ${n} (#${n})`
    const from = n === 1 ? '' : `from :${n - 1}\n`
    const file = `M 100644 inline f${n % 100}\ndata ${String(n).length}\n${n}\n\n`
    parts.push(`commit refs/heads/main\nmark :${n}\nauthor ${at}\ncommitter ${at}\ndata ${message.length}\n${message}\n${from}${file}`)
  }
  return parts.join('')
}

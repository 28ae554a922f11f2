'use strict'

// The native half, from the package of this platform, which npm installs beside this one.

function platform() {
  const { platform, arch } = process
  if (platform === 'linux') {
    const musl = process.report.getReport().header.glibcVersionRuntime === undefined
    return `linux-${arch}-${musl ? 'musl' : 'gnu'}`
  }
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`
}

const name = `devmetrics-${platform()}`
try {
  module.exports = require(name)
} catch (cause) {
  const message =
    `the native part of devmetrics does not load: ${cause.message}. The package \`${name}\` has it: install without ` +
    '`--omit=optional`, or build it for this platform (devmetrics-node/README.md)'
  throw new Error(message, { cause })
}

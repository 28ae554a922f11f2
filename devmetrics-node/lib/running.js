'use strict'

const { understood } = require('./errors.js')

/**
 * Runs something of a session: `run(session)` gives a promise. A signal stops it, and what it rejects with is then the signal's reason.
 */
async function run(session, signal, run) {
  signal?.throwIfAborted()
  const used = signal ? session.stoppable() : session
  const stop = () => used.stop()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const given = await run(used)
    signal?.throwIfAborted()
    return given
  } catch (error) {
    signal?.throwIfAborted()
    throw understood(error)
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

module.exports = { run }

'use strict'

/** What went wrong in devmetrics. */
class DevmetricsError extends Error {
  constructor(message, { code = 'internal', cause, near = [], retryAt } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.near = near
    this.retryAt = retryAt
  }
}
Object.defineProperty(DevmetricsError.prototype, 'name', { value: 'DevmetricsError', configurable: true, writable: true })

/** The error that the native half tells as JSON; another one as it is. */
function understood(error) {
  let told
  try {
    told = JSON.parse(error.message)
  } catch {
    return error
  }
  const { code, message, cause, near, retry_at: retryAt } = told
  return new DevmetricsError(message, {
    code,
    cause: cause === null ? undefined : new Error(cause),
    near,
    retryAt: retryAt === null ? undefined : new Date(retryAt),
  })
}

function invalid(message) {
  return new DevmetricsError(message, { code: 'invalid_input' })
}

module.exports = { DevmetricsError, invalid, understood }

import devmetrics from './index.js'

export const { DevmetricsError, Engine, connect } = devmetrics

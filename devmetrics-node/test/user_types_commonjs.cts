// The same package by `require`.
import devmetrics = require('devmetrics')

devmetrics.connect('memory:').then(async (engine) => {
  const definitions: devmetrics.Definition[] = await engine.metrics()
  return definitions
})

-- The best opportunities of one exporter in the current run. Other exporters: change 'MEX'.
SELECT s.product, s.importer, s.basis, s.score, s.opportunity_usd, s.actual_usd, s.potential_usd
FROM scores s
JOIN published p ON s.run = p.run
WHERE s.exporter = 'MEX'
ORDER BY s.score DESC, s.opportunity_usd DESC, s.product, s.importer
LIMIT 50

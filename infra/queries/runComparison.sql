-- The current run beside the one before: what each exporter may gain, and how many opportunities came and went.
WITH cells AS (
  SELECT s.exporter, s.importer, s.product,
    max(CASE WHEN s.run = p.run THEN s.opportunity_usd END) AS now_usd,
    max(CASE WHEN s.run = p.previous THEN s.opportunity_usd END) AS before_usd
  FROM scores s
  JOIN published p ON s.run = p.run OR s.run = p.previous
  GROUP BY s.exporter, s.importer, s.product
)
SELECT exporter, sum(before_usd) AS before_usd, sum(now_usd) AS now_usd,
  sum(CASE WHEN before_usd IS NULL THEN 1 ELSE 0 END) AS came,
  sum(CASE WHEN now_usd IS NULL THEN 1 ELSE 0 END) AS went
FROM cells
GROUP BY exporter
ORDER BY abs(coalesce(sum(now_usd), 0) - coalesce(sum(before_usd), 0)) DESC, exporter

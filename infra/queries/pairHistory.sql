-- What one country sold to another, year by year. A year that was dropped more than once has a line for each file: the service
-- takes the newest, SQL shows them all.
SELECT year, source, "$path" AS file, count(*) AS products, sum(value_usd) AS value_usd, sum(quantity_tonnes) AS quantity_tonnes
FROM flows
WHERE exporter = 'MEX' AND importer = 'USA'
GROUP BY year, source, "$path"
ORDER BY year, source, file

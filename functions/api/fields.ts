import { Dataset } from '../../lib/app/records.ts';

/** The fields of the items of each list, in the order of a table's columns. */

export const OPPORTUNITY_FIELDS = [
  'exporter',
  'exporterName',
  'product',
  'productName',
  'importer',
  'importerName',
  'basis',
  'score',
  'opportunityUsd',
  'feasibility',
  'density',
  'actualUsd',
  'potentialUsd',
  'realisedUsd',
  'unrealisedUsd',
  'unrealisedRawUsd',
  'sizeUsd',
  'ease',
  'marginAdjustment',
  'flags',
  'confidenceGrade',
  'confidenceMissing',
] as const;

export const COUNTRY_FIELDS = ['code', 'name', 'exportsUsd', 'importsUsd', 'diversity', 'eci', 'eciRank'] as const;

export const PRODUCT_FIELDS = ['code', 'name', 'chapter', 'worldTradeUsd', 'ubiquity', 'pci'] as const;

export const RUN_FIELDS = [
  'run',
  'status',
  'standing',
  'attempt',
  'startedAt',
  'finishedAt',
  'reason',
  'level',
  'hsRevision',
  'years',
  'backtestFrom',
  'synthetic',
] as const;

const CHANGE_FIELDS = [
  'beforeUsd',
  'afterUsd',
  'changeUsd',
  'modelVersionUsd',
  'dataRevisionUsd',
  'marketMoveUsd',
] as const;

export const EXPORTER_CHANGE_FIELDS = [
  'exporter',
  'exporterName',
  ...CHANGE_FIELDS,
  'appeared',
  'gone',
  'rose',
  'fell',
  'same',
] as const;

export const CELL_CHANGE_FIELDS = [
  'exporter',
  'product',
  'productName',
  'importer',
  'importerName',
  ...CHANGE_FIELDS,
] as const;

export const DATASET_FIELDS = [...Object.keys(Dataset.shape), 'use', 'unusedReason'];

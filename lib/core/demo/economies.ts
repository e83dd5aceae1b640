/**
 * The economies of the demonstration world. Size is a class of trade, each about three times the one below; skill is a class of
 * capability. Both are rough guesses of ours that keep the picture recognisable, not statistics. Largest first, so that a smaller
 * world (its first n) is the one with most of the trade.
 */
export interface Economy {
  /** ISO 3166-1 alpha-3 */
  readonly code: string;
  /** 1 (tiny) to 6 (giant) */
  readonly size: number;
  /** 1 (few capabilities) to 5 (nearly all) */
  readonly skill: number;
}

/** By size class: the code and the skill class of each economy. */
const BY_SIZE: Readonly<Record<number, string>> = {
  6: 'USA5 CHN4 DEU5',
  5: 'JPN5 MEX4 IND3 GBR5 BRA3 FRA5 KOR5 ZAF3 ITA5 CAN5 VNM3 NLD5 ESP4 AUS4 CHE5 BEL5 SGP5 THA4 MYS4 RUS3 ARE3',
  4: 'POL4 TUR3 IDN3 CHL3 ARG3 SAU2 PHL3 SWE5 AUT5 COL3 CZE5 NOR4 DNK5 IRL5 HUN4 FIN5 ROU3 SVK4 PRT4',
  3: `EGY2 PER2 MAR3 NGA1 NZL4 KAZ2 ISR5 ECU2 BGD1 UKR3 GRC3 PAK2 QAT2 KWT2 IRN2 DZA1 BGR3 SVN5 LTU4 OMN2 IRQ1 AGO1`,
  2: `KEN2 CRI3 GHA2 LKA2 TUN3 DOM2 CIV2 GTM2 KHM1 SRB3 HRV4 EST4 LVA3 URY3 PRY2 BOL1 PAN3 HND1 SLV2 JOR2 BLR3 UZB2
    AZE1 LBY1 ETH1 MMR1 COD1 ZMB1 PNG1 BIH2 VEN2`,
  1: `SEN2 UGA1 TZA1 NPL1 JAM2 MDG1 CMR1 RWA1 MUS3 ISL4 NIC1 LAO1 ALB2 GEO2 ARM2 MDA2 MKD2 LBN2 KGZ1 MNG1 NAM2 BWA2
    MOZ1 ZWE1`,
};

export const ECONOMIES: readonly Economy[] = [6, 5, 4, 3, 2, 1].flatMap((size) =>
  BY_SIZE[size]!.split(/\s+/).map((entry) => ({ code: entry.slice(0, 3), size, skill: Number(entry.slice(3)) })),
);

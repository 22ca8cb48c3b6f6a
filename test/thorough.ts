/** Whether what is slow and rarely wrong runs too: `npm run test:slow`. */
export const thorough = process.env['AUXCELL_THOROUGH'] !== undefined;

// Where pages lead and pictures come from: a server's addresses, or in a report what is in the file itself.

import { createContext } from 'react';

export interface Addresses {
  /** @param query of the table that leads there; undefined for a trial that has no page. */
  trial(run: string, index: number, query?: string): string | undefined;
  /** Of a table; undefined where there is nobody to make it. */
  trialsCsv(run: string, query: string): string | undefined;
  photo(run: string, image: number): string;
  truth(run: string, image: number): string;
  prediction(run: string, index: number, image: number): string;
  /** undefined where there is nothing to download. */
  model(run: string): string | undefined;
}

export const runUrl = (run: string): string => `api/runs/${encodeURIComponent(run)}`;

export const serverAddresses: Addresses = {
  trial: (run, index, query = '') => `#/${encodeURIComponent(run)}/${index}${query === '' ? '' : `?${query}`}`,
  trialsCsv: (run, query) => `${runUrl(run)}/trials.csv?${query}`,
  photo: (run, image) => `${runUrl(run)}/shown/${image}/photo`,
  truth: (run, image) => `${runUrl(run)}/shown/${image}/truth`,
  prediction: (run, index, image) => `${runUrl(run)}/trials/${index}/pictures/${image}`,
  model: (run) => `${runUrl(run)}/model.onnx`,
};

/** Pictures of a training, and its table. */
export const trainingAddresses = {
  photo: (run: string, image: number): string => `${runUrl(run)}/seen/${image}/photo`,
  truth: (run: string, image: number): string => `${runUrl(run)}/seen/${image}/truth`,
  prediction: (run: string, epoch: number, image: number): string => `${runUrl(run)}/seen/${image}/epochs/${epoch}`,
  csv: (run: string): string => `${runUrl(run)}/epochs.csv`,
};

export const AddressContext = createContext(serverAddresses);

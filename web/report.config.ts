// The report's page as one script and one sheet, for `auxcell report` to write into one file.

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: '../dist/report',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: 'web/src/report.tsx',
      output: { entryFileNames: 'report.js', assetFileNames: 'report[extname]', codeSplitting: false },
    },
  },
});

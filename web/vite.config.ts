import { cpSync } from 'node:fs';
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  // ONNX Runtime's files are not bundled but loaded from ort/.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production'] },
  plugins: [
    react(),
    {
      // ONNX Runtime loads these by their addresses, and its threads too.
      name: 'copy-onnxruntime',
      closeBundle: () => {
        const from = path.join(import.meta.dirname, '..', 'node_modules', 'onnxruntime-web', 'dist');
        for (const ending of ['mjs', 'wasm']) {
          const file = `ort-wasm-simd-threaded.asyncify.${ending}`;
          cpSync(path.join(from, file), path.join(import.meta.dirname, '..', 'dist', 'web', 'ort', file));
        }
      },
    },
  ],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // The content security policy has no inline code.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { input: ['web/dashboard.html', 'web/playground.html', 'web/device.html'] },
  },
});

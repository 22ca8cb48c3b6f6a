// ONNX Runtime on Linux and macOS collects usage events unless it is told not to, when its library is loaded: a device id
// and a database of events below ~/.cache, a log in the temporary folder, and uploads. This file is imported before it.
// Worker threads have an environment of their own, which the library does not see; they load no runtime.

process.env['ORT_DISABLE_TELEMETRY'] = '1';

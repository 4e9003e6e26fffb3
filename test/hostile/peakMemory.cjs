// Loaded before a program: writes how much memory its process took at most, in bytes, into the file that PEAK_MEMORY names.
process.on('exit', () => {
  require('node:fs').writeFileSync(process.env.PEAK_MEMORY, String(process.resourceUsage().maxRSS * 1024));
});

// A GPU in software: SwiftShader, which Debian ships with Chromium. Whoever imports this has to do so before ONNX Runtime is loaded:
// the loader of Vulkan reads the variable once.
process.env['VK_ICD_FILENAMES'] = '/usr/lib/chromium/vk_swiftshader_icd.json';

import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { kerasAdvisory, mostTold, outsideMappings, severityOf } from './outside.ts';

export const hdf5VirtualDataset = defineRule({
  subject: 'hdf5',
  meta: {
    id: 'hdf5/virtual-dataset',
    title: 'A dataset is put together from other files',
    severity: 'error',
    description:
      'A virtual dataset of an HDF5 file takes its values from datasets of other files. It is an error when one of them lies outside of the folder of the model, and a warning when it stands beside it. Sources in the file itself are not told.',
    why: 'Reading the dataset opens the files it names, with your rights. Checks for external links do not see it.',
    howToFix: 'Copy the values into the file (`h5repack`). Weights need no virtual datasets.',
    avoid: [{ file: 'model.h5', hdf5: { virtual: { kernel: ['/srv/other-tenant/model.h5', '/kernel'] } } }],
    prefer: [{ file: 'model.h5', hdf5: { datasets: { kernel: [2, 3] } } }],
    references: [
      kerasAdvisory,
      {
        title: 'HDF5 documentation: virtual datasets',
        url: 'https://support.hdfgroup.org/documentation/hdf5/latest/_h5_d__u_g.html',
      },
    ],
    ...outsideMappings,
  },
  check(part, report) {
    const told = new Set<string>();
    for (const { path, file, dataset, offset } of part.virtualSources) {
      if (file === '.' || told.has(path) || told.size >= mostTold) continue;
      told.add(path);
      report({
        message: `The dataset ${quoted(path)} takes values from ${quoted(dataset)} in the file ${quoted(file)}. Copy them into the model, or do not load it.`,
        severity: severityOf(file),
        location: bytePlace(part, offset),
        evidence: { dataset: path, file, source: dataset },
      });
    }
  },
});

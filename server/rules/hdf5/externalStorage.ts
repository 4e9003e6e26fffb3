import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { kerasAdvisory, mostTold, outsideMappings, severityOf } from './outside.ts';

export const hdf5ExternalStorage = defineRule({
  subject: 'hdf5',
  meta: {
    id: 'hdf5/external-storage',
    title: 'A dataset has its bytes in another file',
    severity: 'error',
    description:
      'A dataset of an HDF5 file keeps its bytes in another file, named in the header. It is an error when that file lies outside of the folder of the model, and a warning when it stands beside it.',
    why: 'Any file can be read as numbers in this way: loading the model puts a local file of the attacker’s choice into the weights (CVE-2026-1669).',
    howToFix: 'Do not load the file. If the data is meant, write it into the HDF5 file itself.',
    avoid: [{ file: 'model.h5', hdf5: { externalStorage: { kernel: '../../.ssh/id_ed25519' } } }],
    prefer: [{ file: 'model.h5', hdf5: { datasets: { kernel: [2, 3] } } }],
    references: [
      kerasAdvisory,
      {
        title: 'HDF5 documentation: external storage',
        url: 'https://support.hdfgroup.org/documentation/hdf5/latest/_h5_d__u_g.html',
      },
    ],
    ...outsideMappings,
  },
  check(part, report) {
    for (const { path, file, offset } of part.externalStorage.slice(0, mostTold)) {
      report({
        message: `The dataset ${quoted(path)} takes its bytes from the file ${quoted(file)}. Do not load this file unless that is meant.`,
        severity: severityOf(file),
        location: bytePlace(part, offset),
        evidence: { dataset: path, file, datasets: part.externalStorage.length },
      });
    }
  },
});

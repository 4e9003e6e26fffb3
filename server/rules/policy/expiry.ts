/** When something that expires on a date (which lasts until its end in UTC) or at a time does so, in milliseconds; NaN for neither. */
export function endOf(expires: string): number {
  return Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(expires) ? `${expires}T23:59:59.999Z` : expires);
}

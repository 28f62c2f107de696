declare module 'virtual:runbooks' {
  /** HTML by the name of the rule. */
  const pages: Readonly<Record<string, string>>;
  export default pages;
}

/** The three steps of making a cluster, of which one is shown. */
export function Steps({ step, id }: { step: 1 | 2 | 3; id?: string }) {
  const steps = [
    ['PIN', undefined],
    ['Contexts', id && `/clusters/${id}/contexts`],
    ['Start and watch', id && `/clusters/${id}/start`],
  ] as const;
  return (
    <nav aria-label="Steps">
      <ol class="steps">
        {steps.map(([words, to], index) => (
          <li
            key={words}
            class={index + 1 < step ? 'done' : ''}
            aria-current={index + 1 === step ? 'step' : undefined}
          >
            {to && index + 1 !== step ? <a href={to}>{words}</a> : words}
          </li>
        ))}
      </ol>
    </nav>
  );
}

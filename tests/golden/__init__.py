"""Golden summaries: what each place yields under one seed, to nine digits. A change of the model shows here first."""

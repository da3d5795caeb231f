import fc from 'fast-check';

// The same examples for each mutant, so that a mutant is noticed in every run or in none.
fc.configureGlobal({ seed: 1 });

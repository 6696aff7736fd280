"""What ``cxv audit --help`` says: which numbers of a manuscript count."""

AUDIT = r"""Numbers by macros (\cxv{key}, \cxvinterval{key}, \cxvrounded{93.1}{key}; see `cxv
latex-macros`) are named where the key is unknown, the record is altered, stale or missing, the file
of macros prints something else than the records give, a rounded number is rounded wrongly or is
that of another row, or a percent sign follows what is no percentage.

Numbers typed by hand are named, with what they are near to and the macro to write, if they are
  - a number with a decimal point: 93.1, .931
  - any number before \%, "percent", "points" or "percentage points": 93 \%
  - two numbers with decimal points in brackets, an interval: [88.6, 94.5]
  - in a table, an integer with separators of thousands: 33,098
  - elsewhere, an integer over 10,000 that is a number of the study, with or without separators
Never named are
  - other integers: years, counts of things, those of formulas
  - decimals that params.yaml states as settings of the study, outside of tables: 0.001
  - what names something: Section 4.2, Theorem 3.1, version 2.0, Python 3.11, 1.2.3, arXiv, DOI
  - lengths and their factors: 3.5mm, 0.8\textwidth
  - the level of an interval: a 95 \% interval
  - arguments of commands that print no number: \ref, \cite, \label, \includegraphics, \setlength,
    the columns of a table, ...
  - comments, verbatim, listings, tikzpicture, thebibliography, what stands behind \end{document}
A number that is not ours: \cxvquoted{93.1}{\cite{source}}, or `% cxv: not ours` on its line, for
all numbers of the line. \input and \include are followed. A table of a report (results/studies/
STUDY/tables) may be input as it is; it is named if it is not what the records give now.

The exit code is 1 if something is named."""

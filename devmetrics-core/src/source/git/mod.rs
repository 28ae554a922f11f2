//! A local git repository as a source.

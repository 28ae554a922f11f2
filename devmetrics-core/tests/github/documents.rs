//! Every question is one that GitHub's published schema allows.

//! Nothing: the comparison is `examples/suffix_array.rs`, so that the repository has one package with a program to install.

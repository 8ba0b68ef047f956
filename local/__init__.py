"""The whole system on one machine: an embedded AWS, the deployed application, and what AWS does between the two.

Everything here imitates AWS around the code that is deployed; nothing here is deployed. What is imitated only in part
is said in docs/explanation/embedded.md.
"""

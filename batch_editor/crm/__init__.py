"""One request to the CRM: how it is made, when it may be made, what its reply means, and whether it is made again."""

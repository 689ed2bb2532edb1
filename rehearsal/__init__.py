"""A local AWS made of real machines, in which the product's templates, Lambdas and scripts run as they are."""

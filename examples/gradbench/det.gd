# det.gd: a determinant by expansion along the first row, all the way down: factorial work, on purpose.
#
# A submatrix is named by the columns that are left for rows r, r + 1, ... All submatrices of one size
# are expanded together: cols has the columns of one of them along its last axis.

## others(k)[j]: 0, 1, ..., k - 1 without j.
fn others(k) = [i + (if i < j { 0 } else { 1 }) for j in 0..k, i in 0..k - 1]

fn expand(A, r, cols) {
  let k = cols.shape[-1]
  let row = A[r][cols]
  if k == 1 { return row[..., 0] }
  let signs = [1 - 2 * (j % 2) for j in 0..k]
  sum(signs * row * expand(A, r + 1, cols[..., others(k)]), axis: -1)
}

fn determinant(A) = expand(A, 0, range(0, len(A)))

fn square(q) = reshape(q.A, q.ell, q.ell)
fn primal(q) = determinant(square(q))
fn gradient(q) = flatten(grad(determinant)(square(q)))

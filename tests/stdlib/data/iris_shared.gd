# needs: shared
# script-args: $SHARED
use data
let set = data.csv(args()[0] + "/data/iris/train.csv", target: "species")
print(len(set.x.shape), set.x.shape[1])  # expect: 2 4
print(len(set.y) == len(set.x))          # expect: true
